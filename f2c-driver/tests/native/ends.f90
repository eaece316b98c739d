! The end of a file, met once and again, and records that a WRITE cuts off.
program p
  call twice
  call jumps
  call no_line_end
  call cut
  call cut_unformatted
end program
subroutine twice
      integer i,ios
      open(10,file='a.dat')
      write(10,*) 1
      rewind 10
      read(10,*) i
      read(10,*,iostat=ios) i
      print *, ios
      read(10,*,iostat=ios) i
      print *, ios
      rewind 10
      read(10,*,iostat=ios) i
      print *, ios, i
      read(10,*,iostat=ios) i
      print *, ios
      backspace 10
      read(10,*,iostat=ios) i
      print *, ios
      backspace 10
      backspace 10
      read(10,*,iostat=ios) i
      print *, ios,i
      close(10)
      open(11,status='scratch',form='unformatted')
      write(11) 1.0
      rewind 11
      read(11) x
      read(11,iostat=ios) x
      print *, ios
      read(11,iostat=ios) x
      print *, ios
      backspace 11
      write(11,iostat=ios) 5.0
      print *, ios
end subroutine
subroutine jumps
      integer i,j,ios
      open(10,file='n.dat')
      write(10,'(a)') '12'
      rewind 10
      read(10,*,iostat=ios) i,j
      print *, ios,i
      read(10,*,iostat=ios) i
      print *, ios
      backspace 10
      read(10,*,iostat=ios) i
      print *, ios
      rewind 10
      read(10,'(i2)') i
      read(10,'(i2)',end=9) i
 9    write(10,'(i2)',iostat=ios) 34
      print *, ios
      rewind 10
      read(10,'(i2)') i
      read(10,'(i2)',iostat=ios) i
      print *, i,ios
      rewind 10
      read(10,'(i2/i2/i2)',iostat=ios) i,j,k
      print *, ios
      read(10,'(i2)',iostat=ios) i
      print *, ios
      read(10,'(i2)',end=20,err=30) i
 20   print *,'end'
      goto 40
 30   print *,'err'
 40   rewind 10
      do 50 k=1,9
 50   read(10,'(i2)',end=60) i
 60   print *, k
end subroutine
subroutine no_line_end
      character*10 c
      integer i,j,ios
      open(10,file='n.dat')
      write(10,'(a)') '12 34'
      write(10,'(a)',advance='no') '56 78'
      close(10)
      open(10,file='n.dat',access='stream',form='unformatted')
      write(10) '12 34',char(10),'56 78'
      close(10)
      open(10,file='n.dat')
      read(10,'(a)',iostat=ios) c
      print *, ios,c
      read(10,'(a)',iostat=ios) c
      print *, ios,c
      read(10,'(a)',iostat=ios) c
      print *, ios,c
      rewind 10
      read(10,*,iostat=ios) i
      print *, ios,i
      read(10,*,iostat=ios) i
      print *, ios,i
      read(10,*,iostat=ios) i
      print *, ios,i
      rewind 10
      read(10,*,iostat=ios) i,j
      read(10,*,iostat=ios) i,j
      print *, ios,i,j
      read(10,*,iostat=ios) i
      print *, ios,i
      rewind 10
      read(10,*)
      read(10,'(2i3)',iostat=ios) i,j
      print *, ios,i,j
      rewind 10
      read(10,*)
      read(10,'(3i3)',iostat=ios) i,j,k
      print *, ios,i,j,k
      read(10,'(3i3)',iostat=ios) i,j,k
      print *, ios
      backspace 10
      read(10,'(3i3)',iostat=ios) i,j,k
      print *, ios
end subroutine
subroutine cut
      character*10 c
      open(10,file='f.dat')
      do i=1,5
      write(10,'(a,i1)') 'line',i
      end do
      rewind 10
      read(10,'(a)') c
      write(10,'(a)') 'NEW'
      read(10,'(a)',iostat=ios) c
      print *, ios
      rewind 10
      do i=1,9
      read(10,'(a)',end=9) c
      print *, c
      end do
 9    continue
end subroutine
subroutine cut_unformatted
      integer dat(5)
      open(11,form='unformatted',file='u.dat')
      dat = (/ 0, 0, 0, 0, 1 /)
      write(11) dat,dat,dat,dat
      rewind 11
      write(11) dat
      read(11,iostat=ios) dat
      print *, ios
      read(11,iostat=ios) dat
      print *, ios
      backspace 11
      write(11) dat
      backspace 11
      read(11) dat
      print *, dat
      rewind 11
      read(11) dat(1)
      write(11) 7
      rewind 11
      read(11)
      read(11) i
      read(11,iostat=ios) j
      print *, i,ios
end subroutine
