! The end of a file whose last line has no end, and records that a WRITE cuts off.
program p
  call no_line_end
  call cut
  call cut_unformatted
end program
subroutine no_line_end
      character*10 c
      integer i,j,ios
      open(10,file='n.dat')
      write(10,'(a)') '12 34'
      write(10,'(a)',advance='no') '56 78'
      close(10)
      open(10,file='n.dat',access='stream',form='unformatted',status='replace')
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
      close(10)
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
      close(10)
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
      close(10)
end subroutine
