! What a direct file refuses.
program p
  call direct
end program
subroutine direct
      character*60 m
      integer x(4)
      open(10,file='d.dat',access='direct',recl=12,form='unformatted')
      do i=1,5
        write(10,rec=i) i,i,i
      end do
      read(10,rec=9,iostat=ios,iomsg=m) x
      print *, ios, m
      read(10,rec=5,iostat=ios,iomsg=m) x
      print *, ios, m
      write(10,rec=2,iostat=ios,iomsg=m) 1,2,3,4
      print *, ios, m
      read(10,rec=0,iostat=ios,iomsg=m) x
      print *, ios, m
      read(10,iostat=ios,iomsg=m) x
      print *, ios, m
      read(10,'(i3)',rec=1,iostat=ios,iomsg=m) x
      print *, ios, m
      close(10)
      open(10,file='e.dat',access='direct',recl=8,form='formatted')
      write(10,'(a9)',rec=1,iostat=ios,iomsg=m) 'toolong'
      print *, ios, m
      write(10,'(a8)',rec=1) 'toolong'
      read(10,'(a8)',rec=3,iostat=ios,iomsg=m) m
      print *, ios
      read(10,'(a8)',rec=2,iostat=ios,iomsg=m) m
      print *, ios
      read(10,'(a8)',rec=1,iostat=ios) m
      print *, ios,m(1:8)
      close(10)
      open(10,file='g.dat')
      write(10,rec=1,fmt='(i3)',iostat=ios,iomsg=m) 1
      print *, ios, m
      write(10,iostat=ios,iomsg=m) 1
      print *, ios, m
end subroutine
